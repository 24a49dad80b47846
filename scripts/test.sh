#!/bin/sh -eu

# Every check there is, the quick ones first: scripts/test.sh [vitest's arguments]

cd "$(dirname "$0")/.."
# The tests need ip and bpftool, which are not in every user's PATH.
PATH=$PWD/node_modules/.bin:$PATH:/usr/sbin:/sbin

npm run --silent lint
npm run --silent types
shellcheck alfwrapper .ci/run scripts/*.sh examples/*.sh
exec vitest run "$@"
