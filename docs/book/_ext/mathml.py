"""Formulas as MathML, which browsers draw themselves: no script, no font, no server. docutils translates them."""

from docutils.utils.math.latex2mathml import tex2mathml


def _inline(self, node):
    self.body.append(str(tex2mathml(node.astext(), as_block=False)))
    _skip()


def _block(self, node):
    self.body.append('<div class="math">' + str(tex2mathml(node.astext(), as_block=True)) + "</div>")
    _skip()


def _skip():
    from docutils import nodes

    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True}
