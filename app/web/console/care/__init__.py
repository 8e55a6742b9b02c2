"""Pages of texts that start conversations: templates, programmes, plans, results."""
