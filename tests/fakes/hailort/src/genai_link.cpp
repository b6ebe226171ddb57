#include "genai_link.hpp"

#include "log.hpp"
#include "vdevice_client.hpp"

namespace hailo_fake {

using hailort::Expected;
using hailort::make_unexpected;
using npu::device::sim::FaultOp;

namespace {

// The library waits so long for the acknowledgement of a piece of the file.
constexpr auto kPieceWithin = std::chrono::seconds(120);

}  // namespace

GenaiLink::GenaiLink(std::shared_ptr<Machine> machine, HefPtr hef)
    : machine_(std::move(machine)), hef_(std::move(hef)), session_(machine_->chip.session()) {}

Expected<std::unique_ptr<GenaiLink>> GenaiLink::create(const hailort::VDevice& vdevice, HefPtr hef,
                                                       bool kv) {
  if (vdevice.get_params().scheduling_algorithm == HAILO_SCHEDULING_ALGORITHM_NONE) {
    log_error("Working without scheduler is not supported for GenAI");
    return make_unexpected(HAILO_NOT_SUPPORTED);
  }
  const auto& connection = static_cast<const hailort::VDeviceClient&>(vdevice).connection();
  // HailoRT reads the name again, wherever that pointer leads by now.
  const char* group = vdevice.get_params().group_id;
  std::unique_ptr<GenaiLink> link(new GenaiLink(connection->shared_machine(), std::move(hef)));
  hailo_status status = link->connect(kv);
  if (status == HAILO_SUCCESS) status = link->enter(FaultOp::kLoad, nullptr);  // its first piece
  if (status == HAILO_SUCCESS) status = link->load(group != nullptr ? group : "");
  if (status != HAILO_SUCCESS) {
    log_error("failed to load " + link->hef().stem + ". Check device logs for more details.");
    return make_unexpected(status);
  }
  return link;
}

hailo_status GenaiLink::connect(bool kv) {
  auto& chip = machine_->chip;
  if (chip.booting()) return HAILO_CONNECTION_REFUSED;
  const hailo_status channel = chip.open_channel();
  if (channel != HAILO_SUCCESS) return channel;
  has_channel_ = true;
  if (kv) {
    const hailo_status taken = chip.take_kv({});
    if (taken != HAILO_SUCCESS) return taken;
    kv_ = true;
  }
  return HAILO_SUCCESS;
}

// What goes wrong on the chip while it receives the file ends that transfer, and the host sees only
// that.
hailo_status GenaiLink::load(const std::string& group) {
  const hailo_status status = receive(group);
  const bool told = status == HAILO_SUCCESS || lost() || status == HAILO_INVALID_OPERATION;
  return told ? status : HAILO_INTERNAL_FAILURE;
}

hailo_status GenaiLink::receive(const std::string& group) {
  auto& chip = machine_->chip;
  if (hef_->cut_off) return HAILO_FILE_OPERATION_FAILURE;
  const hailo_status joined = chip.join_for_genai(group);
  if (joined != HAILO_SUCCESS) return joined;
  member_ = true;
  const hailo_status sent = sleep(hef_->model.load);
  if (sent != HAILO_SUCCESS) return sent;
  const hailo_status loaded = chip.load(hef_->hash_number, hef_->bytes, hef_->core_ops);
  if (loaded != HAILO_SUCCESS) return loaded;
  runner_ = chip.add_runner();
  if (runner_ < 0) give_up("too many models");
  return HAILO_SUCCESS;
}

GenaiLink::~GenaiLink() {
  auto& chip = machine_->chip;
  if (runner_ >= 0) {
    (void)enter(FaultOp::kUnload, nullptr);
    chip.remove_runner(runner_, session_);
  }
  if (member_) chip.leave(session_);
  if (kv_) chip.release_kv(session_);
  if (has_channel_) chip.close_channel(session_);
}

hailo_status GenaiLink::enter(FaultOp op, std::optional<npu::device::sim::WrongValue>* wrong) {
  if (lost()) return HAILO_COMMUNICATION_CLOSED;
  const Verdict verdict = machine_->enter(op, hef_->stem);
  if (verdict.reply_is_lost && op == FaultOp::kLoad) {
    const auto woken =
        machine_->chip.sleep_for(machine_->settings.scaled(kPieceWithin), session_, {});
    return woken == Chip::Wake::kTime ? HAILO_TIMEOUT : after(woken);
  }
  if (verdict.hang || verdict.no_reply || verdict.reply_is_lost) hang_after(verdict, *machine_);
  if (verdict.restart) machine_->chip.restart();
  if (verdict.ends_session()) lost_ = true;
  if (verdict.delay.count() > 0) {
    const auto woken = machine_->chip.sleep_for(verdict.delay, session_, {});
    if (woken != Chip::Wake::kTime) return after(woken);
  }
  if (wrong != nullptr) *wrong = verdict.wrong;
  if (lost()) return HAILO_COMMUNICATION_CLOSED;
  return verdict.status;
}

bool GenaiLink::lost() const { return lost_ || machine_->chip.session() != session_; }

hailo_status GenaiLink::after(Chip::Wake wake) {
  if (wake == Chip::Wake::kTime) return HAILO_SUCCESS;
  lost_ = true;
  return HAILO_COMMUNICATION_CLOSED;
}

hailo_status GenaiLink::compute(npu::Duration time) {
  auto& chip = machine_->chip;
  chip.update_runner(runner_, HAILO_SCHEDULER_PRIORITY_NORMAL, session_, [] { return true; });
  return after(chip.take_turn(runner_, session_, {},
                              [&] { return Chip::Turn{machine_->settings.scaled(time), false}; }));
}

hailo_status GenaiLink::sleep(npu::Duration time) {
  return after(machine_->chip.sleep_for(machine_->settings.scaled(time), session_, {}));
}

}  // namespace hailo_fake
