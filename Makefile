# Two commands do all the set-up: `make lab` and `make test`. The work is in scripts/, one file each.
.DEFAULT_GOAL := help
.PHONY: help lab test site bench clean

house = @command -v node >/dev/null 2>&1 || \
	{ echo "Lethe needs Node 20 or newer, and found no 'node' on PATH. Install Node, then repeat." >&2; exit 1; }; \
	node scripts/$(1).mjs

help:
	@echo "make lab     build the lab, serve it on 127.0.0.1 and print its address (PORT=8080, BASE=/sub/)"
	@echo "make test    everything that CI runs: format, lints, native and browser tests, size budget, end to end"
	@echo "make site    build dist/ and lethe-site.zip, which any static server can host under any path"
	@echo "make bench   speed against peers, natively and in the browser"
	@echo "make clean   remove dist/ and lethe-site.zip (the cache stays)"
	@echo
	@echo "All install what is missing and reuse what is there. Tools, packages and build output live in"
	@echo "LETHE_CACHE, now $${LETHE_CACHE:-$${XDG_CACHE_HOME:-$$HOME/.cache}/lethe}"

lab:
	$(call house,lab)

test:
	$(call house,test)

site:
	$(call house,site)

bench:
	$(call house,bench)

clean:
	rm -rf dist lethe-site.zip
