#error skipped
