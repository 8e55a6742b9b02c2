"""The bank looks at itself (B9): the refusal drill, numbers on file, sent texts by today's rules, links, approvals."""
