# SPDX-License-Identifier: GPL-2.0
#
# Sphinx configuration; see tools/docs.
project = "hoardk"
author = "The hoardk developers"
html_theme = "alabaster"
exclude_patterns = []
