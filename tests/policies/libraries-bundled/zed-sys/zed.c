int zed_get(void) {
    return 7;
}
