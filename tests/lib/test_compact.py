"""Our own scripts without comments and needless white space."""

import pytest

from moderation.lib.compact import compact_script, compact_style


@pytest.mark.parametrize(
    ("source", "compacted"),
    [
        ("/** Doc.\n * @param {x} y\n */\nconst a = 1; // why\n", "const a=1;\n"),
        ("f(a,\n  b,\n);\ng()\nh()\n", "f(a,b,);g()\nh()\n"),
        ("const a = b - -c + +d;", "const a=b - -c + +d;\n"),
        ("const url = 'https://example.org/*  x */'; // y", "const url='https://example.org/*  x */';\n"),
        ('const quote = "it\'s  //  a";', 'const quote="it\'s  //  a";\n'),
        ("return /[/'\"`]  \\/ x/.test(a)", "return /[/'\"`]  \\/ x/.test(a)\n"),
        ("if (/^https?:\\/\\/ x/i.test( a )) b = c / d;", "if(/^https?:\\/\\/ x/i.test(a))b=c / d;\n"),
        ("const text = `a  ${ b } // c`;", "const text=`a  ${ b } // c`;\n"),
        ("if (a)\n  return b\nelse if (c)\n  d()\n", "if(a)\nreturn b\nelse if(c)\nd()\n"),
        ("a\n  .b()\n  .c();", "a.b().c();\n"),
        ("const STYLE = `\n.a { b: c; }\n`;", "const STYLE=`.a{b:c}`;\n"),
    ],
)
def test_only_what_separates_nothing_goes(source: str, compacted: str):
    assert compact_script(source) == compacted


def test_a_style_keeps_the_spaces_that_mean_something():
    style = ".a :is(.b, .c) > d {\n  margin: calc(1px + 2%) auto;\n  --x: var(--y, red);\n}\n"
    assert compact_style(style) == ".a :is(.b,.c)>d{margin:calc(1px + 2%) auto;--x:var(--y,red)}"
