"""Every page, part of a page and printed page of the product, and the kit they are made of."""
