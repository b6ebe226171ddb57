#include "device/hailort/vision/tensor_model.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/log.hpp"

namespace npu::device::hailort {
namespace {

using std::chrono::steady_clock;

// Above, beside and below the tokens of generated text, which cannot be told apart from 16.
constexpr int kRealtimePriority = 20;
constexpr int kInteractivePriority = 16;
constexpr int kBatchPriority = 10;

// Of a run that fails by itself.
constexpr int kAttempts = 2;

// Frames of a network that was shut down come back at once.
constexpr auto kAbortedWithin = std::chrono::seconds(2);

bool goes_directly(const Port& port, std::span<const std::byte> memory) {
  return port.conversion == Conversion::kNone && begins_page(memory);
}

bool comes_directly(const Port& port, std::span<const std::byte> memory) {
  return port.conversion == Conversion::kNone && fills_pages(memory);
}

// What frames come back with when their network is shut down.
bool is_abort(hailo_status status) {
  return status == HAILO_STREAM_ABORT || classify(status, Operation::kRun) == StatusClass::kEnded;
}

// A run's part in the priority of its network.
struct Share {
  Share(Network& of, int mine) : network(of), priority(mine) { network.enter(priority); }
  ~Share() { network.leave(priority); }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

  Network& network;
  const int priority;
};

std::string describe(DType dtype, const Shape& shape) {
  return fmt::format("{} {}", name_of(dtype), to_string(shape));
}

template <class View>
Status check_tensors(std::span<const View> views, const std::vector<TensorSpec>& specs,
                     std::string_view kind) {
  if (views.size() != specs.size()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the model has {} {}s, got {}", specs.size(), kind, views.size()));
  }
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const auto bytes = byte_size(specs[i].dtype, specs[i].shape);
    if (bytes && views[i].dtype == specs[i].dtype && views[i].data.size() == *bytes) continue;
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} {} must be {}, got {}", kind, specs[i].name,
                            describe(specs[i].dtype, specs[i].shape),
                            describe(views[i].dtype, views[i].shape)));
  }
  return {};
}

}  // namespace

Duration frame_timeout() {
  constexpr auto kDefault = std::chrono::seconds(20);
  const char* text = std::getenv("HAILO_FRAME_TIMEOUT_MS");
  if (text == nullptr) return kDefault;
  int milliseconds = 0;
  std::from_chars(text, text + std::strlen(text), milliseconds);
  return milliseconds > 0 ? std::chrono::milliseconds(milliseconds) : Duration(kDefault);
}

HailortModel::HailortModel(Parts parts) : timeout_(frame_timeout()), parts_(std::move(parts)) {}

HailortModel::~HailortModel() {
  if (parts_.chip->lost()) Chip::abandon(std::make_shared<Parts>(std::move(parts_)));
}

std::string HailortModel::running() const { return "running " + parts_.source.name(); }

Error HailortModel::died() const {
  return {ErrorCode::kUnavailable,
          running() + ": the network was shut down because another run failed"};
}

std::string HailortModel::not_given_back() const {
  return running() + ": the device did not give the frames back";
}

Status HailortModel::check_sizes(const Request& request) const {
  if (auto ok = check_tensors(request.inputs, inputs(), "input"); !ok) return ok;
  return check_tensors(request.outputs, outputs(), "output");
}

Status HailortModel::run(std::span<const TensorView> inputs,
                         std::span<const MutableTensorView> outputs, RunContext& context) {
  Request request{inputs, outputs, context};
  if (auto ok = check_sizes(request); !ok) return ok;
  for (int failures = 0;;) {
    if (auto ok = revive(context); !ok) return ok;
    const Outcome outcome = try_run(request);
    if (outcome.kind == Outcome::kDone) return {};
    if (outcome.kind == Outcome::kAborted && request.aborts_left-- > 0) continue;
    if (outcome.kind == Outcome::kDied && ++failures < kAttempts) continue;
    return fail(outcome.error);
  }
}

// Configures the network anew where it is dead. Other models run meanwhile; of several runs of this
// one the first does it and the others wait.
Status HailortModel::revive(RunContext& context) {
  for (;;) {
    if (auto ok = parts_.chip->alive(); !ok) return ok;
    if (!parts_.network->dead()) return {};
    if (!reviving_.exchange(true)) break;
    context.while_waiting([this] { reviving_.wait(true); });
  }
  // Also where something throws: nobody else would ever do it.
  struct Done {
    std::atomic<bool>& reviving;
    ~Done() {
      reviving = false;
      reviving.notify_all();
    }
  } const done{reviving_};
  return configure_anew(context);
}

// After the last of its frames has come back.
Status HailortModel::configure_anew(RunContext& context) {
  std::vector<std::shared_ptr<Flight>> flights;
  for (const auto& one : flights_) {
    if (auto flight = one.lock()) flights.push_back(std::move(flight));
  }
  log::info("{}: configuring the network anew", running());
  const auto dying = parts_.network;
  Result<std::shared_ptr<Network>> network = nullptr;
  context.while_waiting([&] { network = configured_after(*dying, flights); });
  if (!network) return fail(network.error());
  auto dead = std::exchange(parts_.network, std::move(*network));
  context.while_waiting([&] { dead.reset(); });
  return {};
}

Result<std::shared_ptr<Network>> HailortModel::configured_after(
    Network& dead, std::span<const std::shared_ptr<Flight>> flights) {
  // The run that failed may still be asking whether the chip is there, its frames under way.
  (void)dead.shut_down();
  const auto until = steady_clock::now() + kAbortedWithin;
  const auto landed = [&](const auto& one) { return one->wait_until(until); };
  if (!std::ranges::all_of(flights, landed)) {
    if (auto ok = parts_.chip->alive(); !ok) return fail(ok.error());
    return fail(parts_.chip->declare_lost(not_given_back()));
  }
  if (auto ok = parts_.chip->alive(); !ok) return fail(ok.error());
  auto network = Network::configure(*parts_.model, parts_.ports, parts_.connection);
  if (network) return std::move(*network);
  if (network.error().status == HAILO_SUCCESS) return fail(network.error().error);
  Error error = parts_.chip->error_of(network.error().status, Operation::kLoadTensor, running());
  // It was right when it was loaded.
  const auto means = classify(network.error().status, Operation::kLoadTensor);
  if (means == StatusClass::kCallerError) error.code = ErrorCode::kInternal;
  return fail(std::move(error));
}

HailortModel::Outcome HailortModel::try_run(const Request& request) {
  const auto network = parts_.network;
  const auto until = steady_clock::now() + timeout_;
  Network::Slot* slot = network->take_slot();
  while (slot == nullptr) {
    bool freed = false;
    request.context.while_waiting([&] { freed = network->wait_for_slot(until); });
    if (auto ok = parts_.chip->alive(); !ok) return {Outcome::kFailed, ok.error()};
    if (!freed) return {Outcome::kFailed, error_of(HAILO_TIMEOUT, running(), request.context)};
    slot = network->take_slot();
  }
  Outcome outcome = fly(*network, *slot, request);
  // What a lost chip may still write to belongs to nobody else any more.
  if (!parts_.chip->lost()) network->give_back(slot);
  return outcome;
}

HailortModel::Outcome HailortModel::fly(Network& network, Network::Slot& slot,
                                        const Request& request) {
  RunContext& context = request.context;
  if (network.dead()) return {Outcome::kAborted, died()};
  if (const auto status = fill(network, slot, request); status != HAILO_SUCCESS) {
    return {Outcome::kFailed, error_of(status, running(), context)};
  }
  const Share share(network, priority_of(context.priority()));
  update_priority(network, context);
  if (auto ok = parts_.chip->alive(); !ok) return {Outcome::kFailed, ok.error()};
  if (network.dead()) return {Outcome::kAborted, died()};
  // Because of another run's class it overtakes tokens as well.
  if (network.priority() == kRealtimePriority && share.priority < kRealtimePriority) {
    parts_.realtime->charge(parts_.ports.batch);
  }
  const auto flight = std::make_shared<Flight>(parts_.ports.batch);
  std::erase_if(flights_, [](const auto& one) { return one.expired(); });
  flights_.push_back(flight);
  hailo_status status = HAILO_SUCCESS;
  const auto launch = [&] { status = network.launch(slot, flight); };
  if (network.launching_waits()) {
    context.while_waiting(launch);
  } else {
    launch();
  }
  bool in_time = true;
  if (status == HAILO_SUCCESS) {
    context.while_waiting([&] { in_time = flight->wait_until(steady_clock::now() + timeout_); });
    status = in_time ? flight->status() : HAILO_TIMEOUT;
  }
  if (status != HAILO_SUCCESS) {
    Outcome outcome = settle(network, *flight, status, request);
    if (!in_time) outcome.kind = Outcome::kFailed;
    return outcome;
  }
  parts_.chip->went_well(Operation::kRun);
  if (auto ok = collect(slot, request); !ok) return {Outcome::kFailed, ok.error()};
  return {};
}

// What became of a run that did not go well. The chip has then shut the network down, or may have:
// whatever is under way is ended, its memory is in use until then, and the next run configures the
// network anew.
HailortModel::Outcome HailortModel::settle(Network& network, Flight& flight, hailo_status status,
                                           const Request& request) {
  if (auto ok = parts_.chip->alive(); !ok) return {Outcome::kFailed, ok.error()};
  // A frame is also aborted because of another's failure, of which nothing may be known here yet.
  const bool aborted = is_abort(status) && (network.dead() || request.aborts_left > 0);
  network.take_no_more();
  Error error = died();
  bool landed = false;
  request.context.while_waiting([&] {
    if (!aborted) error = parts_.chip->error_of(status, Operation::kRun, running());
    if (parts_.chip->lost()) return;
    const auto ended = network.shut_down();
    if (ended != HAILO_SUCCESS) {
      log::debug("{}: shutting the network down: {} ({})", running(), status_name(ended),
                 static_cast<int>(ended));
    }
    landed = flight.wait_until(steady_clock::now() + kAbortedWithin);
  });
  if (auto ok = parts_.chip->alive(); !ok) {
    return {Outcome::kFailed, error.code == ErrorCode::kDeviceLost ? error : ok.error()};
  }
  if (!landed) return {Outcome::kFailed, parts_.chip->declare_lost(not_given_back())};
  return {aborted ? Outcome::kAborted : Outcome::kDied, error};
}

void HailortModel::update_priority(Network& network, RunContext& context) {
  if (network.priority_is_right()) return;
  context.while_waiting([&] {
    const auto status = network.update_priority();
    if (status == HAILO_SUCCESS) return;
    (void)parts_.chip->error_of(status, Operation::kRun, running() + ", priority");
  });
}

Error HailortModel::error_of(hailo_status status, std::string_view what, RunContext& context) {
  Error error;
  context.while_waiting([&] { error = parts_.chip->error_of(status, Operation::kRun, what); });
  return error;
}

hailo_status HailortModel::fill(Network& network, Network::Slot& slot,
                                const Request& request) const {
  const auto batch = static_cast<std::size_t>(parts_.ports.batch);
  const auto& inputs = parts_.ports.inputs;
  const auto& outputs = parts_.ports.outputs;
  for (int frame = 0; frame < parts_.ports.batch; ++frame) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Port& port = inputs[i];
      const auto from =
          frame_of(request.inputs[static_cast<std::size_t>(port.tensor)].data, batch, frame);
      const auto staged = slot.input(i, frame).first(port.wire_bytes);
      const bool directly = goes_directly(port, from);
      if (directly && parts_.chip->is_kept(from)) {
        network.connection().map(from, HAILO_DMA_BUFFER_DIRECTION_H2D);
      }
      if (port.conversion == Conversion::kQuantised) {
        quantise(port.wire_type, from, port.quantisation, staged);
      } else if (!directly) {
        std::copy_n(from.data(), from.size(), staged.data());
      }
      const auto status =
          network.bind_input(slot, i, frame, directly ? from : std::span<const std::byte>(staged));
      if (status != HAILO_SUCCESS) return status;
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const Port& port = outputs[i];
      auto memory = slot.output(i, frame).first(port.wire_bytes);
      if (port.tensor >= 0) {
        const auto to =
            frame_of(request.outputs[static_cast<std::size_t>(port.tensor)].data, batch, frame);
        if (comes_directly(port, to)) {
          memory = to;
          if (parts_.chip->is_kept(to)) {
            network.connection().map(to, HAILO_DMA_BUFFER_DIRECTION_D2H);
          }
        }
      }
      const auto status = network.bind_output(slot, i, frame, memory);
      if (status != HAILO_SUCCESS) return status;
    }
  }
  return HAILO_SUCCESS;
}

Status HailortModel::collect(const Network::Slot& slot, const Request& request) const {
  const auto batch = static_cast<std::size_t>(parts_.ports.batch);
  const auto& outputs = parts_.ports.outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Port& port = outputs[i];
    if (port.tensor < 0) continue;
    const auto tensor = static_cast<std::size_t>(port.tensor);
    for (int frame = 0; frame < parts_.ports.batch; ++frame) {
      const auto staged = slot.output(i, frame).first(port.wire_bytes);
      const auto to = frame_of(request.outputs[tensor].data, batch, frame);
      if (port.conversion == Conversion::kQuantised) {
        dequantise(port.wire_type, staged, port.quantisation, to);
      } else if (port.conversion == Conversion::kBoxes) {
        std::span<std::byte> masks;
        if (port.nms.order == NmsOrder::kByteMask) {
          masks = frame_of(request.outputs[tensor + 1].data, batch, frame);
        }
        if (auto ok = decode_nms(port.nms, staged, to, masks); !ok) return ok;
      } else if (!comes_directly(port, to)) {
        std::copy_n(staged.data(), staged.size(), to.data());
      }
    }
  }
  return {};
}

int HailortModel::priority_of(Priority priority) const {
  switch (priority) {
    case Priority::kRealtime:
      return parts_.realtime->take(parts_.ports.batch) ? kRealtimePriority : kInteractivePriority;
    case Priority::kInteractive: return kInteractivePriority;
    case Priority::kBatch: return kBatchPriority;
  }
  return kInteractivePriority;
}

}  // namespace npu::device::hailort
