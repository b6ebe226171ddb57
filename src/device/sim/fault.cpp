#include "device/sim/fault.hpp"

#include <algorithm>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/unique_fd.hpp"
#include "device/sim/fill.hpp"
#include "device/sim/yaml_reader.hpp"

namespace npu::device::sim {
namespace {

constexpr std::pair<std::string_view, FaultKind> kKinds[] = {
    {"hang", FaultKind::kHang},
    {"crash", FaultKind::kCrash},
    {"slow", FaultKind::kSlow},
    {"out_of_memory", FaultKind::kOutOfMemory},
    {"device_lost", FaultKind::kDeviceLost},
    {"wrong_output", FaultKind::kWrongOutput},
    {"error", FaultKind::kError},
    {"trespass", FaultKind::kTrespass},
    {"status", FaultKind::kStatus},
    {"restart", FaultKind::kRestart},
    {"no_reply", FaultKind::kNoReply},
    {"spurious_timeout", FaultKind::kSpuriousTimeout},
    {"restart_hang", FaultKind::kRestartHang},
};
constexpr std::pair<std::string_view, FaultOp> kOps[] = {
    {"load", FaultOp::kLoad},
    {"infer", FaultOp::kInfer},
    {"unload", FaultOp::kUnload},
    {"telemetry", FaultOp::kTelemetry},
    {"release_group", FaultOp::kReleaseGroup},
    {"scan", FaultOp::kScan},
    {"connect", FaultOp::kConnect},
    {"upload", FaultOp::kUpload},
    {"read", FaultOp::kRead},
    {"finish", FaultOp::kFinish},
};
constexpr std::pair<std::string_view, WrongValue> kValues[] = {
    {"nan", WrongValue::kNan},
    {"zero", WrongValue::kZero},
};

constexpr std::pair<std::string_view, Trespass> kAttempts[] = {
    {"open", Trespass::kOpen}, {"write", Trespass::kWrite}, {"connect", Trespass::kConnect},
    {"fork", Trespass::kFork}, {"exec", Trespass::kExec},   {"ptrace", Trespass::kPtrace},
    {"kill", Trespass::kKill},
};

template <class T, std::size_t N>
T one_of(const std::pair<std::string_view, T> (&names)[N], const YAML::Node& node,
         std::string_view key) {
  const std::string text = to_text(node, key);
  std::string known;
  for (const auto& [name, value] : names) {
    if (text == name) return value;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  yaml_fail(node, fmt::format("{} must be one of {}, got '{}'", key, known, text));
}

template <class T, std::size_t N>
std::string_view name_in(const std::pair<std::string_view, T> (&names)[N], T value) {
  return std::ranges::find(names, value, &std::pair<std::string_view, T>::second)->first;
}

Fault read_fault(const YAML::Node& node) {
  YamlReader reader(node, "a fault");
  Fault fault;
  fault.kind = one_of(kKinds, reader.need("kind"), "kind");
  fault.op = one_of(kOps, reader.need("op"), "op");
  fault.model = reader.text("model", "*");
  fault.after = static_cast<std::uint32_t>(reader.number("after", 0, 0, 1e9));
  fault.times = static_cast<std::uint32_t>(reader.number("times", 1, 0, 1e9));
  fault.delay =
      std::chrono::milliseconds(static_cast<int>(reader.number("delay_ms", 1000, 0, 1e8)));
  if (const auto value = reader.get("value"); value.IsDefined()) {
    fault.value = one_of(kValues, value, "value");
  }
  if (const auto status = reader.get("status"); status.IsDefined()) {
    fault.status = static_cast<int>(to_number(status, "status", 1, 1e6));
  } else if (fault.kind == FaultKind::kStatus) {
    yaml_fail(node, "a fault of the kind status needs 'status'");
  }
  if (const auto attempt = reader.get("attempt"); attempt.IsDefined()) {
    fault.attempt = one_of(kAttempts, attempt, "attempt");
  }
  fault.id = reader.text("id", "");
  reader.finish();
  return fault;
}

std::uint64_t key_of(const Fault& fault) {
  const std::string text =
      fmt::format("{}|{}|{}|{}|{}|{}|{}|{}", static_cast<int>(fault.kind),
                  static_cast<int>(fault.op), fault.model, fault.after, fault.times,
                  fault.status.value_or(0), static_cast<int>(fault.attempt), fault.id);
  return fnv1a(std::as_bytes(std::span(text)), kFnvBasis) | 1;
}

}  // namespace

std::vector<Fault> read_fault_list(const YAML::Node& node) {
  std::vector<Fault> faults;
  if (!node.IsDefined() || node.IsNull()) return faults;
  if (!node.IsSequence()) yaml_fail(node, "faults must be a list");
  for (const auto& item : node) faults.push_back(read_fault(item));
  return faults;
}

FaultInjector::FaultInjector(std::vector<Fault> from_profile, FaultCounters& counters,
                             std::string control_file)
    : from_profile_(std::move(from_profile)),
      counters_(counters),
      control_file_(std::move(control_file)) {}

void FaultInjector::look_at_control_file() {
  if (control_file_.empty()) return;
  struct stat info{};
  if (::stat(control_file_.c_str(), &info) != 0) {
    from_file_.clear();
    size_ = -1;
    return;
  }
  if (info.st_ino == inode_ && info.st_size == size_ && info.st_mtim.tv_sec == modified_.tv_sec &&
      info.st_mtim.tv_nsec == modified_.tv_nsec) {
    return;
  }
  inode_ = info.st_ino;
  size_ = info.st_size;
  modified_ = info.st_mtim;
  try {
    const YAML::Node root = YAML::LoadFile(control_file_);
    std::vector<Fault> faults;
    if (!root.IsNull()) {
      YamlReader reader(root, "the fault file");
      faults = read_fault_list(reader.get("faults"));
      reader.finish();
    }
    from_file_ = std::move(faults);
  } catch (const std::exception& error) {
    log::error("{}: {}", control_file_, error.what());
  }
}

FaultCounter* FaultInjector::counter_of(const Fault& fault) {
  const std::uint64_t key = key_of(fault);
  for (auto& counter : counters_) {
    if (counter.key != 0 && counter.key != key) continue;
    counter.key = key;
    return &counter;
  }
  return nullptr;
}

// Of faults that nobody orders any more; the order of the others stays.
void FaultInjector::forget_old_counters() {
  const auto is_old = [this](const FaultCounter& counter) {
    const auto counts = [&](const Fault& fault) { return key_of(fault) == counter.key; };
    return std::ranges::none_of(from_file_, counts) && std::ranges::none_of(from_profile_, counts);
  };
  const auto old = std::ranges::remove_if(counters_, is_old);
  std::ranges::fill(old, FaultCounter{});
}

bool FaultInjector::counts_down(const Fault& fault) {
  if (fault.after == 0 && fault.times == 0) return true;  // always, without a counter
  FaultCounter* counter = counter_of(fault);
  if (counter == nullptr) {
    forget_old_counters();
    counter = counter_of(fault);
  }
  if (counter == nullptr) {
    log::error("a fault never comes: more than {} are ordered at once", counters_.size());
    return false;
  }
  const std::uint32_t nth = counter->seen++;
  return nth >= fault.after && (fault.times == 0 || nth - fault.after < fault.times);
}

std::optional<Fault> FaultInjector::due(FaultOp op, std::string_view model) {
  look_at_control_file();
  std::optional<Fault> first;
  for (const auto* list : {&from_file_, &from_profile_}) {
    for (const auto& fault : *list) {
      if (fault.op != op || (fault.model != "*" && fault.model != model)) continue;
      if (counts_down(fault) && !first) first = fault;
    }
  }
  if (first) note(*first, model);
  return first;
}

void FaultInjector::note(const Fault& fault, std::string_view model) const {
  if (control_file_.empty()) return;
  const std::string line = fmt::format("{} {} {} {}\n", name_in(kKinds, fault.kind),
                                       name_in(kOps, fault.op), model, fault.id);
  const UniqueFd file(
      ::open((control_file_ + ".fired").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0660));
  if (!file || ::write(file.get(), line.data(), line.size()) < 0) {
    log::error("cannot note a fault in {}.fired", control_file_);
  }
}

void hang() {
  for (;;) ::pause();
}

void crash() {
  log::error("a simulated crash");
  std::abort();
}

}  // namespace npu::device::sim
