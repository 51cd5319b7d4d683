int odd;
