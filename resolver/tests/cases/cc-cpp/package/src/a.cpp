#include <cstddef>
extern "C" int size() { return sizeof(std::size_t); }
