#!/bin/sh -eu

# Runs all checks, quick ones first: scripts/test.sh [vitest's arguments]

cd "$(dirname "$0")/.."
PATH=$PWD/node_modules/.bin:$PATH
. scripts/test-path.sh

npm run --silent lint
npm run --silent types
shellcheck .ci/run scripts/*.sh examples/*.sh
exec vitest run "$@"
