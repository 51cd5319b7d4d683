#!/bin/sh
touch @CANARY@/rustc
exec @RUSTC@ "$@"
