"""A Miitti made on the desk: from nothing, a template or an earlier one; its words, times and programme."""
