#include "machine.hpp"

#include <fstream>

#include "device/sim/trespass.hpp"

namespace hailo_fake {
namespace sim = npu::device::sim;

namespace {

sim::Profile load(const Settings& settings) {
  auto profile = sim::load_profile(settings.profile);
  if (!profile) give_up(profile.error().message);
  return std::move(*profile);
}

hailo_status error_of(sim::FaultOp op) {
  const bool load = op == sim::FaultOp::kLoad || op == sim::FaultOp::kUpload;
  return load ? HAILO_INVALID_HEF : HAILO_INTERNAL_FAILURE;
}

Verdict verdict_on(const sim::Fault& fault) {
  using Kind = sim::FaultKind;
  Verdict verdict;
  switch (fault.kind) {
    case Kind::kHang: verdict.hang = true; break;
    case Kind::kCrash: sim::crash();
    case Kind::kSlow: verdict.delay = fault.delay; break;
    case Kind::kOutOfMemory:
      verdict.status = static_cast<hailo_status>(fault.status.value_or(HAILO_OUT_OF_HOST_MEMORY));
      break;
    case Kind::kDeviceLost: verdict.lost = true; break;
    case Kind::kWrongOutput: verdict.wrong = fault.value; break;
    case Kind::kTrespass:
      if (!sim::trespass(fault.attempt)) verdict.status = error_of(fault.op);
      break;
    case Kind::kError: verdict.status = error_of(fault.op); break;
    case Kind::kStatus: verdict.status = static_cast<hailo_status>(*fault.status); break;
    case Kind::kRestart: verdict.restart = true; break;
    case Kind::kNoReply: verdict.no_reply = true; break;
    case Kind::kSpuriousTimeout: verdict.reply_is_lost = true; break;
    case Kind::kRestartHang: verdict.restart = verdict.hang = true; break;
  }
  return verdict;
}

}  // namespace

std::shared_ptr<Machine> Machine::get() {
  static std::mutex mutex;
  static std::weak_ptr<Machine> current;
  const std::lock_guard lock(mutex);
  auto machine = current.lock();
  Settings settings = Settings::from_environment();
  if (!machine || machine->settings != settings) {
    sim::Profile profile = load(settings);
    machine = std::make_shared<Machine>(std::move(settings), std::move(profile));
    current = machine;
  }
  return machine;
}

Machine::Machine(Settings how, sim::Profile what)
    : settings(std::move(how)), profile(std::move(what)), chip(settings, profile.memory_bytes) {
  faults_.emplace(profile.faults, counters_, settings.faults);
}

Verdict Machine::enter(sim::FaultOp op, std::string_view model) {
  std::optional<sim::Fault> fault;
  {
    const std::lock_guard lock(mutex_);
    chip.with_counters([&](sim::FaultCounters& shared) {
      counters_ = shared;
      fault = faults_->due(op, model);
      shared = counters_;
    });
  }
  if (!fault) return {};
  return verdict_on(*fault);
}

void Machine::note_run(const std::string& what) const {
  if (!settings.runs.empty()) std::ofstream(settings.runs, std::ios::app) << what << '\n';
}

void hang() { npu::device::sim::hang(); }

void hang_after(const Verdict& verdict, Machine& machine) {
  if (verdict.restart) machine.chip.restart();
  hang();
}

}  // namespace hailo_fake
