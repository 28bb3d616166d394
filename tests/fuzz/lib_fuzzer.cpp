// libFuzzer's way into one target, which SYNCLINE_FUZZ_TARGET names.
#include "fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    syncline::fuzz::SYNCLINE_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
    return 0;
}
