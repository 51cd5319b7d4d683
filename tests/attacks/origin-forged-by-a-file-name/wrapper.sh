#!/bin/sh
touch @CANARY@/wrapper
exec "$@"
