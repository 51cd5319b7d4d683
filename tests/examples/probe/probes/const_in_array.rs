pub const A: [u8; 3] = [const { 1 }; 3];
