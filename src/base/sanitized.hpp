// Whether this build has a sanitizer that keeps watch over memory or threads. Such a runtime counts
// as the program's own memory, does not survive an allocation that fails, and has to know of each
// new process.
#pragma once

namespace npu {

inline constexpr bool kSanitized =
#if defined(__has_feature)
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    true;
#else
    false;
#endif

}  // namespace npu
