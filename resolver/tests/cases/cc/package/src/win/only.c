#error windows
