#include "hef_file.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/protobuf_reader.hpp"
#include "base/unique_fd.hpp"
#include "device/sim/fill.hpp"
#include "device/sim/profile_model.hpp"
#include "log.hpp"
#include "machine.hpp"

namespace hailo_fake {
namespace sim = npu::device::sim;
using hailort::Expected;
using hailort::make_unexpected;

namespace {

constexpr std::size_t kCommonHeader = 12;
// By version.
constexpr std::size_t kHeaders[] = {32, 28, 44, 56};
constexpr std::size_t kWeightsAt[] = {0, 16, 20, 20};
// Only the beginning of a file is looked at: files may be as large as real ones.
constexpr std::size_t kLookedAt = 64 * 1024;

constexpr std::pair<const char*, hailo_device_architecture_t> kArchitectures[] = {
    {"HAILO8", HAILO_ARCH_HAILO8},     {"HAILO8L", HAILO_ARCH_HAILO8L},
    {"HAILO15H", HAILO_ARCH_HAILO15H}, {"HAILO15L", HAILO_ARCH_HAILO15L},
    {"HAILO15M", HAILO_ARCH_HAILO15M}, {"HAILO10H", HAILO_ARCH_HAILO10H},
    {"HAILO12L", HAILO_ARCH_HAILO12L},
};

std::uint64_t big_endian(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | bytes[at + i];
  return value;
}

struct Content {
  std::vector<std::uint8_t> beginning;
  std::uint64_t size = 0;
  std::string stem;
  // Of the header, which are known once it was looked at.
  std::size_t header = 0;
  std::size_t body = 0;
};

tl::unexpected<hailo_status> wrong(hailo_status status, const std::string& what) {
  log_error(what);
  return tl::unexpected(status);
}

// The entry that the body is, or names, or that the file's name names.
struct Entry {
  sim::ModelProfile model;
  std::string stem;
};

tl::expected<Entry, hailo_status> find_in_profile(const Machine& machine, const std::string& stem) {
  for (const auto kind :
       {sim::ModelKind::kTensor, sim::ModelKind::kText, sim::ModelKind::kSpeech}) {
    if (const auto* model = machine.profile.find(stem, kind)) return Entry{*model, stem};
  }
  return wrong(HAILO_INVALID_HEF,
               fmt::format("'{}' is no model of the profile {}", stem, machine.profile.name));
}

// The YAML in it: a field of a description as real files have it, or, where it is none, the whole.
std::string yaml_of(std::string_view body) {
  constexpr std::uint32_t kYaml = npu::protobuf_key(1000, npu::WireType::kBytes);
  std::string yaml;
  npu::ProtobufReader description(std::as_bytes(std::span(body)));
  while (const auto field = description.next()) {
    if (field->key() == kYaml) yaml = field->text();
  }
  return description.damaged() ? std::string(body.substr(0, body.find('\0'))) : yaml;
}

tl::expected<Entry, hailo_status> read_body(const Machine& machine, const Content& content) {
  const auto* begin = reinterpret_cast<const char*>(content.beginning.data()) + content.header;
  const std::size_t room = std::min(content.beginning.size() - content.header, content.body);
  const std::string body = yaml_of({begin, room});
  if (body.empty()) return find_in_profile(machine, content.stem);
  try {
    sim::YamlReader reader(YAML::Load(body), "a HEF");
    if (const auto name = reader.get("model"); name.IsDefined()) {
      reader.finish();
      return find_in_profile(machine, sim::to_text(name, "model"));
    }
    Entry entry{sim::read_model(reader, std::nullopt), reader.text("name", content.stem)};
    reader.finish();
    return entry;
  } catch (const std::exception& error) {
    return wrong(HAILO_INVALID_HEF, fmt::format("{}: {}", content.stem, error.what()));
  }
}

HefFile::Kind kind_of(const sim::ModelProfile& model) {
  switch (model.kind) {
    case sim::ModelKind::kTensor: return HefFile::Kind::kTensor;
    case sim::ModelKind::kSpeech: return HefFile::Kind::kSpeech;
    case sim::ModelKind::kText: break;
  }
  return model.frame ? HefFile::Kind::kVision : HefFile::Kind::kLanguage;
}

std::vector<std::string> usual_groups(const HefFile& hef) {
  const std::string& name = hef.stem;
  switch (hef.kind) {
    case HefFile::Kind::kTensor: break;
    case HefFile::Kind::kLanguage: return {name + "__prefill", name + "__tbt"};
    case HefFile::Kind::kVision: return {name + "__encoder", name + "__prefill", name + "__tbt"};
    case HefFile::Kind::kSpeech: return {name + "__encoder", name + "__decoder"};
  }
  return {name};
}

void apply(HefFile& hef, const HefNotes& notes, const std::string& chip) {
  auto architectures = notes.architectures;
  if (architectures.empty()) architectures.push_back(chip);
  for (const auto& [name, number] : kArchitectures) {
    if (std::ranges::find(architectures, name) != architectures.end()) {
      hef.architectures.push_back(number);
    }
  }
  hef.groups = notes.groups.empty() ? usual_groups(hef) : notes.groups;
  hef.core_ops = notes.core_ops.value_or(
      static_cast<int>(hef.kind == HefFile::Kind::kTensor ? 1 : usual_groups(hef).size()));
  hef.multi_context = notes.multi_context.value_or(hef.kind != HefFile::Kind::kTensor);
  hef.inputs = make_inputs(hef);
  hef.outputs = make_outputs(hef, notes);
  hef.resources = make_resources(hef, notes);
}

// Neither the magic nor whether the weights are there is looked at.
hailo_status read_header(Content& content, std::uint32_t& version) {
  const std::span<const std::uint8_t> bytes(content.beginning);
  if (bytes.size() < kCommonHeader) {
    log_error(content.stem + " ends in its header");
    return HAILO_FILE_OPERATION_FAILURE;
  }
  version = static_cast<std::uint32_t>(big_endian(bytes, 4, 4));
  if (version >= std::size(kHeaders)) {
    log_error(fmt::format("{} has the unknown version {}", content.stem, version));
    return HAILO_HEF_NOT_SUPPORTED;
  }
  content.header = kHeaders[version];
  content.body = big_endian(bytes, 8, 4);
  if (bytes.size() < content.header || content.body > content.size - content.header) {
    log_error(content.stem + " ends in its description");
    return HAILO_FILE_OPERATION_FAILURE;
  }
  return HAILO_SUCCESS;
}

// Behind the description.
std::uint64_t weight_bytes(const Content& content, std::uint32_t version) {
  const std::size_t at = kWeightsAt[version];
  return at > 0 ? big_endian(content.beginning, at, 8) : 0;
}

tl::expected<HefPtr, hailo_status> parse(Content content) {
  std::uint32_t version = 0;
  if (const auto status = read_header(content, version); status != HAILO_SUCCESS) {
    return tl::unexpected(status);
  }
  const std::span<const std::uint8_t> bytes(content.beginning);
  const auto machine = Machine::get();
  const auto entry = read_body(*machine, content);
  if (!entry) return tl::unexpected(entry.error());

  auto hef = std::make_shared<HefFile>();
  hef->model = entry->model;
  hef->stem = entry->stem;
  hef->kind = kind_of(hef->model);
  hef->version = version;
  hef->bytes = hef->model.bytes > 0 ? hef->model.bytes : content.size;
  hef->cut_off = weight_bytes(content, version) > content.size - content.header - content.body;
  std::uint64_t hash = sim::fnv1a(std::as_bytes(bytes), sim::kFnvBasis);
  hash = sim::fnv1a(std::as_bytes(std::span(hef->stem)), hash ^ content.size);
  hef->hash_number = hash | 1;
  hef->hash = fmt::format("{:016x}", hef->hash_number);
  try {
    const HefNotes notes = read_notes(hef->model.hef);
    if (notes.damaged) return wrong(HAILO_HEF_FILE_CORRUPTED, content.stem + ": wrong checksum");
    apply(*hef, notes, machine->profile.architecture);
  } catch (const std::exception& error) {
    return wrong(HAILO_INVALID_HEF, fmt::format("{}: {}", content.stem, error.what()));
  }
  return hef;
}

Expected<HefPtr> as_expected(tl::expected<HefPtr, hailo_status> hef) {
  if (!hef) return make_unexpected(hef.error());
  return std::move(*hef);
}

}  // namespace

Expected<HefPtr> read_hef(const std::string& path) {
  const npu::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (!fd || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    log_error("cannot open " + path);
    return make_unexpected(HAILO_OPEN_FILE_FAILURE);
  }
  // A path may be /proc/self/fd/N.
  std::error_code ignored;
  const auto target = std::filesystem::canonical(path, ignored);
  Content content{.size = static_cast<std::uint64_t>(info.st_size),
                  .stem = (target.empty() ? std::filesystem::path(path) : target).stem().string()};
  content.beginning.resize(std::min<std::uint64_t>(content.size, kLookedAt));
  const ssize_t got = ::pread(fd.get(), content.beginning.data(), content.beginning.size(), 0);
  if (got < 0) return make_unexpected(HAILO_FILE_OPERATION_FAILURE);
  content.beginning.resize(static_cast<std::size_t>(got));
  return as_expected(parse(content));
}

Expected<HefPtr> read_hef(std::span<const std::uint8_t> bytes) {
  const auto beginning = bytes.first(std::min(bytes.size(), kLookedAt));
  return as_expected(parse({.beginning = {beginning.begin(), beginning.end()},
                            .size = bytes.size(),
                            .stem = "(memory)"}));
}

}  // namespace hailo_fake
