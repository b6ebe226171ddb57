// TensorModel on a network of the chip.
//
// A run of a network that died (a call that fails kills it on the chip) configures it once more and
// runs again; only then it is an error. Runs that were aborted with it do so a few times more: they
// are not to blame. A frame that does not come back is asked for with the network's end; if the
// chip does not even do that, it is lost. Whatever asks the chip lets other models run meanwhile.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "device/device.hpp"
#include "device/hailort/chip/chip.hpp"
#include "device/hailort/hef/hef_source.hpp"
#include "device/hailort/vision/network.hpp"
#include "device/hailort/vision/rate_cap.hpp"
#include "device/hailort/vision/tensor_ports.hpp"

namespace npu::device::hailort {

// How long a frame may take, also behind what others have on the chip: HAILO_FRAME_TIMEOUT_MS, 20 s
// where that is not set.
Duration frame_timeout();

class HailortModel final : public TensorModel {
 public:
  struct Parts {
    std::shared_ptr<Chip> chip;
    std::shared_ptr<RateCap> realtime;  // of all models of the device
    HefSource source;                   // what the library may go on reading
    std::shared_ptr<Connection> connection;
    std::shared_ptr<sdk::InferModel> model;
    TensorPorts ports;
    std::shared_ptr<Network> network;
  };
  explicit HailortModel(Parts parts);
  ~HailortModel() override;
  HailortModel(const HailortModel&) = delete;
  HailortModel& operator=(const HailortModel&) = delete;

  const std::vector<TensorSpec>& inputs() const override { return parts_.ports.input_specs; }
  const std::vector<TensorSpec>& outputs() const override { return parts_.ports.output_specs; }
  Status run(std::span<const TensorView> inputs, std::span<const MutableTensorView> outputs,
             RunContext& context) override;

 private:
  struct Request {
    std::span<const TensorView> inputs;
    std::span<const MutableTensorView> outputs;
    RunContext& context;
    int aborts_left = 4;  // that are put down to others
  };
  // kDied, kAborted: the network is dead, by this run or by another; what the error says may pass.
  struct Outcome {
    enum Kind { kDone, kDied, kAborted, kFailed } kind = kDone;
    Error error;
  };
  Status check_sizes(const Request& request) const;
  Outcome try_run(const Request& request);
  Outcome fly(Network& network, Network::Slot& slot, const Request& request);
  Outcome settle(Network& network, Flight& flight, hailo_status status, const Request& request);
  Status revive(RunContext& context);
  Status configure_anew(RunContext& context);
  Result<std::shared_ptr<Network>> configured_after(
      Network& dead, std::span<const std::shared_ptr<Flight>> flights);
  void update_priority(Network& network, RunContext& context);
  Error error_of(hailo_status status, std::string_view what, RunContext& context);
  hailo_status fill(Network& network, Network::Slot& slot, const Request& request) const;
  Status collect(const Network::Slot& slot, const Request& request) const;
  int priority_of(Priority priority) const;
  std::string running() const;
  std::string not_given_back() const;
  Error died() const;

  const Duration timeout_;
  // Guarded by the turn to call the device, which runs give away in while_waiting. There they use
  // only what never changes of parts_, all but the network, and networks that they hold.
  Parts parts_;
  std::vector<std::weak_ptr<Flight>> flights_;
  std::atomic<bool> reviving_ = false;
};

}  // namespace npu::device::hailort
