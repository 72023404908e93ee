.PHONY: help check fmt run demo bench

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

check: ## the whole test suite, as CI runs it
	./driftdb test

fmt: ## format all sources
	mvn -q spotless:apply

run: ## start a node
	./driftdb start

demo: ## play the demo
	./driftdb demo

bench: ## measure
	./driftdb bench
