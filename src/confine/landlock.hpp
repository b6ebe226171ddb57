// Landlock as the kernel speaks it. Headers of Debian 12 end at its second version.
#pragma once

#include <cstdint>

namespace npu::confine::landlock {

inline constexpr long kCreateRuleset = 444;  // the same number on every architecture
inline constexpr long kAddRule = 445;
inline constexpr long kRestrictSelf = 446;
inline constexpr unsigned kAskVersion = 1U << 0U;
inline constexpr int kPathBeneath = 1;

// Since version 1, but where it says so.
enum Right : std::uint64_t {
  kExecute = 1U << 0U,
  kWriteFile = 1U << 1U,
  kReadFile = 1U << 2U,
  kReadDir = 1U << 3U,
  kRemoveDir = 1U << 4U,
  kRemoveFile = 1U << 5U,
  kMakeChar = 1U << 6U,
  kMakeDir = 1U << 7U,
  kMakeRegular = 1U << 8U,
  kMakeSocket = 1U << 9U,
  kMakeFifo = 1U << 10U,
  kMakeBlock = 1U << 11U,
  kMakeSymlink = 1U << 12U,
  kRefer = 1U << 13U,        // 2
  kTruncate = 1U << 14U,     // 3
  kDeviceIoctl = 1U << 15U,  // 5
};
enum Network : std::uint64_t { kBindTcp = 1U << 0U, kConnectTcp = 1U << 1U };     // 4
enum Scope : std::uint64_t { kAbstractSockets = 1U << 0U, kSignals = 1U << 1U };  // 6

struct Ruleset {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scopes = 0;
};
struct [[gnu::packed]] PathBeneath {
  std::uint64_t allowed = 0;
  std::int32_t parent = -1;
};

}  // namespace npu::confine::landlock
