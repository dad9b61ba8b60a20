// Runs a program of Python in Pyodide, as a page in a browser does:
// node anywhere.mjs <program> <folder of wheels>, beside a node_modules with pyodide in it.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const [program, wheels] = process.argv.slice(2);
const { loadPyodide } = createRequire(path.resolve("package.json"))("pyodide");
const python = await loadPyodide({ stdout: (line) => console.log(line) });
const folder = python.runPython("import site; site.getsitepackages()[0]");
for (const wheel of fs.readdirSync(wheels)) {
  const packed = new Uint8Array(fs.readFileSync(path.join(wheels, wheel)));
  python.unpackArchive(packed, "wheel", { extractDir: folder });
}
python.runPython(fs.readFileSync(program, "utf8"));
