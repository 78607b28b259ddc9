"""Pages in HTML: self-contained, for a phone, a desk and print, in the reader's language.

`templates` has a template a page; each extends `base.html`, and texts come to it as phrases.

Imports go one way: `sankey` `templates` ← `charts` ← `contrast` `page` `paths` `value` ← `coverage`
`lifecycle` `measured` `rules` `sheet` `simulated` `site` ← `review`.
"""
