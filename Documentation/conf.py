# SPDX-License-Identifier: GPL-2.0
#
# Sphinx configuration; see tools/docs.
project = "hoardk"
author = "The hoardk developers"
copyright = "the hoardk developers, GPL-2.0"
release = "1"
html_title = "hoardk"
html_theme = "alabaster"
exclude_patterns = []
