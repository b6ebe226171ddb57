// Classes of requests, highest first. Between classes the order is strict, with ageing.
#pragma once

namespace npu {

enum class Priority { kRealtime, kInteractive, kBatch };

}  // namespace npu
