int lua_one(void) { return 1; }
