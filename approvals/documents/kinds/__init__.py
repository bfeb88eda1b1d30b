"""One module per kind of document: each makes a `model.Sheet` from rows, and nothing but rows and wordings."""
