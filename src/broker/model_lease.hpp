// A model held resident while somebody uses it.
//
// Move-only. While any lease on a model lives, it is neither evicted nor unloaded. Destroying the
// lease returns it; that never fails and triggers nothing by itself. The record must outlive it.
#pragma once

#include <utility>

#include "broker/model.hpp"

namespace npu::broker {

class ModelLease {
 public:
  ModelLease() = default;
  explicit ModelLease(Model& model) : model_(&model) {
    ++model.leases;
    model.fresh = false;
  }
  ModelLease(ModelLease&& other) noexcept : model_(std::exchange(other.model_, nullptr)) {}
  ModelLease& operator=(ModelLease&& other) noexcept {
    if (this != &other) {
      release();
      model_ = std::exchange(other.model_, nullptr);
    }
    return *this;
  }
  ~ModelLease() { release(); }

  void release() {
    if (model_) --std::exchange(model_, nullptr)->leases;
  }
  explicit operator bool() const { return model_ != nullptr; }

 private:
  Model* model_ = nullptr;
};

}  // namespace npu::broker
