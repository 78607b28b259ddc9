"""Words: every text that a person sees, by its key, in one file a language.

A third language is one more file here, named as `--lang` takes it: docs/translations.md.

Imports go one way: `catalogue`.
"""
