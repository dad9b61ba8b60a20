// What the scripts of a page share, for the type checker; it is no part of the page.

/** How a formula is written, with holes for what stands in it. */
interface Written {
  math: number;
  text: (string | [hole: number, least: number])[];
  holds?: [math: number, text: number];
}

interface Slope {
  formula?: Written;
  reasons?: Decision[];
}

/** What is compared where a derivative jumps: operands, or a number; and what holds at a tie. */
interface Decision {
  sides: (number | [number])[];
  convention: "" | "tie" | "kink" | "convention";
  of: Written;
  at: string;
}

/** An operation, with the same plain numbers among its operands. */
interface Kind {
  symbol: string;
  terms?: "added" | "multiplied";
  definition: Written | null;
  slopes: Slope[];
}

/** How a value is found: from operands, and it depends on those that are its parents. */
interface Part {
  kind: number;
  parents: number[];
  operands?: number[];
  name?: Written;
}

/** A value of a picture, and how it is found if that is not as in the graph. */
interface SeenPart extends Partial<Part> {
  node: number;
}

interface GraphNode extends Part {
  data: number;
  name: Written;
  unnamed?: boolean;
  constant?: boolean;
  integer?: boolean;
  slopes?: (number | null)[];
}

interface Leaf {
  node: number;
  range: [low: number, high: number];
  fixed: string | null;
}

interface GraphData {
  nodes: GraphNode[];
  whole: SeenPart[] | null;
  folded: SeenPart[] | null;
  kinds: Kind[];
  backward: number[];
  root: number;
  gradient: number;
  given: boolean;
  known: number[];
  learned: number[];
  decimal: boolean;
  goal: Written;
  pieces: Record<string, Written>;
  leaves: Leaf[];
  longest: number;
  phrases: Record<string, Record<string, string>>;
  signs: string[];
  heard: Record<string, string[]>;
}

/** The functions of each kind, which the page has from the table of operations. */
declare const FUNCTIONS: {
  forward: (((...operands: number[]) => number) | null)[];
  partials: (((out: number, ...operands: number[]) => number[]) | null)[];
};
