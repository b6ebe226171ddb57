// Somebody's interest in a model, as long as it lasts: its record exists until then, and while one
// is in use (HoldKind::kUse) it is neither evicted nor unloaded.
//
// Move-only. Letting go never fails and triggers nothing by itself.
#pragma once

#include <utility>

#include "broker/model.hpp"

namespace npu::broker {

class ModelHold {
 public:
  ModelHold() = default;
  ModelHold(Model& model, HoldKind kind) : model_(&model), kind_(kind) { model.hold(kind); }
  ModelHold(ModelHold&& other) noexcept
      : model_(std::exchange(other.model_, nullptr)), kind_(other.kind_) {}
  ModelHold& operator=(ModelHold&& other) noexcept {
    if (this != &other) {
      release();
      model_ = std::exchange(other.model_, nullptr);
      kind_ = other.kind_;
    }
    return *this;
  }
  ~ModelHold() { release(); }

  void become(HoldKind kind) {
    if (model_ == nullptr) return;
    model_->hold(kind);
    model_->let_go(std::exchange(kind_, kind));
  }
  void release() {
    if (model_ != nullptr) std::exchange(model_, nullptr)->let_go(kind_);
  }

  const Model* model() const { return model_; }
  bool is(HoldKind kind) const { return model_ != nullptr && kind_ == kind; }
  // Of a load or an inference that is not on the lane yet.
  bool waits() const { return is(HoldKind::kQueued) || is(HoldKind::kParked); }
  explicit operator bool() const { return model_ != nullptr; }

 private:
  Model* model_ = nullptr;
  HoldKind kind_ = HoldKind::kUse;
};

}  // namespace npu::broker
