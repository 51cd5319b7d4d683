#!/bin/sh
touch @CANARY@/linker
exec cc "$@"
