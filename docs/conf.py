"""The documentation, by Sphinx: a site for each language, with the same pages.

``sphinx-build -c docs -D language=vi docs/vi site/vi`` builds the Vietnamese one. Each
page is a notebook in Markdown and is run at every build.
"""

import gettext
import html
import logging
import os
import pathlib
import re
import textwrap
from typing import Any

from docutils import nodes
from jupyter_client import KernelManager
from latex2mathml import converter
from sphinx.addnodes import desc
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.domains import ObjType
from sphinx.domains.python import PythonDomain
from sphinx.locale import translators

HERE = pathlib.Path(__file__).parent
# Pages import gpt.py, tables.py and pictures.py, and the layers that a test holds.
os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE), str(HERE.parent)])
if hasattr(KernelManager, "transport_encryption"):  # or each kernel warns of eavesdroppers
    KernelManager.transport_encryption.default_value = "auto"
logging.getLogger("traitlets").setLevel(logging.WARNING)  # or it tells of each page
os.environ.setdefault("JAX_PLATFORMS", "cpu")

project = "micrograd_vn"
html_title = "micrograd_vn"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
]
templates_path = ["_templates"]

# Pages

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 240
nb_merge_streams = True
nb_render_markdown_format = "myst"
copybutton_exclude = ".linenos, .gp, .go"

# Reference

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the parameters are described in words
autodoc_preserve_defaults = True  # as slips=SLIPS, not all of what that is
napoleon_google_docstring = False
napoleon_use_rtype = False

# Looks

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_js_files = ["pages.js"]
html_copy_source = False
html_domain_indices = False
html_use_index = False
html_show_sphinx = False
html_show_copyright = False
html_math_renderer = "mathml"
pygments_style = "a11y-light"
pygments_dark_style = "a11y-dark"

# The words of the theme, which knows English alone.
VIETNAMESE = {
    "Back to top": "Về đầu trang",
    "Error": "Lỗi",
    "Home": "Trang chủ",
    "Made with ": "Tạo bằng ",
    "Next": "Trang sau",
    "On this page": "Trong trang này",
    "Pages": "Các trang",
    "Please activate JavaScript to enable the search functionality.": (
        "Hãy bật JavaScript để dùng chức năng tìm kiếm."
    ),
    "Previous": "Trang trước",
    "Search": "Tìm kiếm",
    "Skip to content": "Đến nội dung chính",
    "Toggle Light / Dark / Auto color theme": "Đổi giao diện sáng, tối hoặc tự động",
    "Toggle site navigation sidebar": "Mở hoặc đóng danh sách các trang",
    "Toggle table of contents sidebar": "Mở hoặc đóng mục lục của trang",
}


# What a screen reader says before the values of a picture.
PICTURE = {"vi": "Hình", "en": "Picture"}

# What the translation of Sphinx says in other words than ours.
BETTER = {"Examples": "Ví dụ", "Raises": "Ngoại lệ"}


class Better(gettext.NullTranslations):
    """Puts our words before those of a translation."""

    def gettext(self, message: str) -> str:
        """Return a text in Vietnamese."""
        return BETTER.get(message) or super().gettext(message)


class VietnamesePython(PythonDomain):
    """Python's names, whose kinds are said as in Vietnamese: phương thức Python."""

    def get_type_name(self, type: ObjType, primary: bool = False) -> str:
        """Return what the search calls a kind of names."""
        return f"{type.lname} {self.label}"


def translate_the_theme(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Let a page's template speak the language of the page."""
    if app.config.language == "vi":
        english = app.builder.templates.environment.globals["gettext"]

        def translated(text: str) -> str:
            return VIETNAMESE.get(text) or str(english(text))

        context["gettext"] = context["_"] = translated
        app.add_js_file("vi.js")


def describe_pictures(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Say what the pictures show that programs drew, and give diagrams the size of the text."""
    for image in doctree.findall(nodes.image):
        file = pathlib.Path(app.srcdir, image["uri"])
        image.setdefault("alt", PICTURE[app.config.language])
        if file.suffix == ".svg":
            svg = file.read_text(encoding="utf-8")
            if values := re.findall(r'<g id="a_node\d+"><a xlink:title="([^"]+)"', svg):
                image["alt"] += ": " + "; ".join(map(html.unescape, values))
            size = re.search(r'viewBox="\S+ \S+ ([\d.]+)', svg)
            scale = re.search(r'transform="scale\(([\d.]+)', svg)  # that of a slide
            if size and scale:
                image["width"] = f"{float(size[1]) / float(scale[1]):.0f}px"


def mark_english(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Let screen readers know that what the source says is in English."""
    for node in doctree.findall(nodes.Element):
        heading = isinstance(node, (nodes.field_name, nodes.rubric))  # such as "Examples"
        docstring = isinstance(node, nodes.paragraph) and "docstring of" in (node.source or "")
        if heading or docstring or isinstance(node, desc):
            language = app.config.language if heading else "en"
            node["classes"].append(f"language-{language}")  # which docutils writes as lang


def visit_math(translator: Any, node: nodes.math | nodes.math_block) -> None:
    """Write a formula as MathML, which browsers show without a script or a network."""
    block = isinstance(node, nodes.math_block)
    translator.body.append(mathml(node.astext(), "block" if block else "inline"))
    raise nodes.SkipNode


def mathml(latex: str, display: str) -> str:
    """Return a formula in LaTeX as MathML."""
    # A minus before what it belongs to is no operator between two; `aligned` is known as `split`.
    latex = re.sub(r"(?:(?<=[(=] )|(?<=[({]))-([0-9.]+|[a-z]|\\ln)", r"{-\1}", latex)
    latex = latex.replace("{aligned}", "{split}").replace("\n", " ")
    return str(converter.convert(latex, display=display))


def run_samples(app: Sphinx, page: str, source: list[str]) -> None:
    """Run the code that a page only shows: where it stands, that of answers at the end."""
    shown = re.compile(r"^( *)```python\n(.*?)^ *```\n", re.DOTALL | re.MULTILINE)
    cell = "\n```{{code-cell}} ipython3\n:tags: [remove-cell]\n\n{}```\n"
    answers = [textwrap.dedent(code) for indent, code in shown.findall(source[0]) if indent]
    in_place = shown.sub(lambda m: m[0] if m[1] else m[0] + cell.format(m[2]), source[0])
    source[0] = in_place + "".join(map(cell.format, answers))


def speak(app: Sphinx, config: Config) -> None:
    """Let the programs of a page, and their errors, speak the language of the page."""
    os.environ["MICROGRAD_VN_LANG"] = config.language
    if config.language == "vi":
        app.add_domain(VietnamesePython, override=True)


def keep_pictures_apart(app: Sphinx) -> None:
    """Give each language a folder of its own for the pictures that its pages make."""
    folder = str(pathlib.Path(app.doctreedir, "pictures"))
    app.env.mystnb_config = app.env.mystnb_config.copy(output_folder=folder)


def say_it_better(app: Sphinx) -> None:
    """Put our words before those of Sphinx."""
    if app.config.language == "vi":
        better = Better()
        better.add_fallback(translators["general", "sphinx"])
        translators["general", "sphinx"] = better


def name_modules(
    app: Sphinx, what: str, name: str, found: Any, options: Any, lines: list[str]
) -> None:
    """Begin what a module says with the module's name."""
    if what == "module":
        lines[:0] = [f"``{name}``", ""]


def setup(app: Sphinx) -> None:
    """Connect the above to Sphinx."""
    app.connect("config-inited", speak)
    app.connect("builder-inited", keep_pictures_apart, priority=900)
    app.connect("builder-inited", say_it_better)
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math, None))
    app.connect("doctree-resolved", describe_pictures)
    app.connect("doctree-resolved", mark_english)
    app.connect("html-page-context", translate_the_theme)
    app.connect("source-read", run_samples)
    app.connect("autodoc-process-docstring", name_modules)
