"""The one way things are done: workflows, what they are handed, and how their time is shared."""
