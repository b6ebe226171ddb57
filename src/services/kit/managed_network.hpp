// A network behind the device manager.
#pragma once

#include <cstdint>
#include <memory>

#include "services/kit/managed_device.hpp"
#include "services/kit/model_rules.hpp"
#include "services/kit/model_watch.hpp"
#include "services/kit/network.hpp"

namespace npu::kit {

class ManagedNetwork final : public Network {
 public:
  // device: shared by the models of one service.
  ManagedNetwork(std::shared_ptr<ManagedDevice> device, ModelRules rules);

  Result<ClientTensor> allocate_picture() override;
  Result<ClientTensor> allocate(Shape shape) override;
  awaitable<Result<InferResult>> infer(InferInput input, InferTerms terms) override;
  awaitable<Result<std::unique_ptr<PieceSource>>> stream(InferInput input, Millis timeout) override;
  awaitable<Status> load() override;
  awaitable<Status> check_loaded() override;
  awaitable<void> release() override;
  const LoadedModel& info() const override { return info_; }

 private:
  ModelRef model() const;
  CallOptions call_options(Millis timeout) const;

  std::shared_ptr<ManagedDevice> device_;
  ModelRules rules_;
  ModelWatch watch_;
  std::uint64_t losses_ = 0;  // of the device, before the last load()
  bool known_ = false;        // what the model takes: it was loaded once
  // What clients are told until then.
  Error not_loaded_{ErrorCode::kUnavailable, "the model is being loaded", Millis(1000)};
  Shape picture_shape_;
  LoadedModel info_;
};

// Height, width and channels. kUnsupported where the manager names none that a picture can have.
Result<Shape> picture_shape_of(const LoadedModel& model);

}  // namespace npu::kit
