// What a client can be granted in reply to its hello (docs/reference/protocol.md section 2).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <boost/json.hpp>

namespace npu::manager {

enum class Feature { kShm, kTail, kStream, kPipeline, kCancel, kEvents };

inline constexpr std::array<std::string_view, 6> kFeatureNames{"shm",      "tail",   "stream",
                                                               "pipeline", "cancel", "events"};

class FeatureSet {
 public:
  bool has(Feature feature) const { return (bits_ >> static_cast<unsigned>(feature) & 1U) != 0; }
  void add(Feature feature) { bits_ |= 1U << static_cast<unsigned>(feature); }

  // Adds the named one; unknown names are ignored.
  void add(std::string_view name) {
    for (std::size_t i = 0; i < kFeatureNames.size(); ++i) {
      if (kFeatureNames[i] == name) add(static_cast<Feature>(i));
    }
  }

  boost::json::array names() const {
    boost::json::array names;
    for (std::size_t i = 0; i < kFeatureNames.size(); ++i) {
      if (has(static_cast<Feature>(i))) names.emplace_back(kFeatureNames[i]);
    }
    return names;
  }

 private:
  std::uint32_t bits_ = 0;
};

}  // namespace npu::manager
