// Reads in the manager's status replies whether it still has a model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <npu/replies.hpp>
#include <npu/result.hpp>

namespace npu::kit {

class ModelWatch {
 public:
  // keeps: the model was asked to stay for ever; otherwise that it is unloaded when idle is normal.
  ModelWatch(std::string type, std::string path, bool keeps)
      : type_(std::move(type)), path_(std::move(path)), keeps_(keeps) {}

  // The model was loaded just now, perhaps by another manager than before: what check() saw until
  // then does not count.
  void loaded(const LoadedModel& model);

  // kDeviceLost: what the model ran on is broken; kNotFound: somebody has unloaded the model. A
  // model that was evicted since the last check is not lost: the next request loads it, and loading
  // it before would evict what it was evicted for.
  Status check(const ManagerStatus& status);

 private:
  bool listed(const ManagerStatus& status) const;

  struct Seen {
    std::optional<std::uint64_t> evictions;
    bool evicted = false;
  };

  std::string type_;
  std::string path_;
  std::string listed_as_ = path_;
  bool keeps_;
  Seen seen_;
};

}  // namespace npu::kit
