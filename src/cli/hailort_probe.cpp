#include "cli/hailort_probe.hpp"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <sstream>

#include <unistd.h>

#include <fmt/format.h>

#include "base/error_table.hpp"
#include "cli/status_text.hpp"
#include "json/fields.hpp"
#include "json/parse.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

constexpr const char* kProgram = "hailo-device-probe";

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

std::optional<json::object> object_of(const std::string& line) {
  auto value = npu::json::parse(line);
  if (!value || !value->is_object()) return std::nullopt;
  return std::move(value->get_object());
}

// Of a line that is no answer yet.
const json::object* reading_in(const json::object& line) {
  return line.size() == 1 ? npu::json::Fields(line).object("reading") : nullptr;
}

Error reported(const json::object& error) {
  return {error_code_from_wire(text_of(error, "code")).value_or(ErrorCode::kInternal),
          text_of(error, "message")};
}

Error unreadable(const ChildResult& child) {
  const std::string errors = last_line(child.errors);
  switch (child.end) {
    case ChildResult::End::kKilled:
    case ChildResult::End::kStuck:
      return {ErrorCode::kDeadlineExceeded,
              fmt::format("no answer within {:.0f} s: the device, its driver or HailoRT hangs{}",
                          child.seconds,
                          child.end == ChildResult::End::kStuck ? ", and cannot be ended" : "")};
    case ChildResult::End::kSignalled:
      return {ErrorCode::kInternal,
              fmt::format("{} was ended by signal {} ({}){}{}", kProgram, child.status,
                          ::strsignal(child.status), errors.empty() ? "" : ": ", errors)};
    case ChildResult::End::kExited: break;
  }
  return {ErrorCode::kInternal, fmt::format("{} ended with status {}{}{}", kProgram, child.status,
                                            errors.empty() ? "" : ": ", errors)};
}

}  // namespace

void HailortProbe::add_to(CLI::App& command) {
  command.add_option("--adapter-dir", adapter_dir_,
                     "Folder of the HailoRT adapters, instead of where they are installed");
}

Result<std::string> HailortProbe::program() const {
  namespace fs = std::filesystem;
  std::vector<fs::path> places;
  if (const char* named = std::getenv("HAILO_DEVICE_PROBE")) {
    places.emplace_back(named);
  } else {
    std::error_code error;
    places.push_back(fs::read_symlink("/proc/self/exe", error).parent_path() / kProgram);
    places.emplace_back(fs::path(NPU_LIBEXECDIR) / kProgram);
  }
  for (const auto& place : places) {
    if (::access(place.c_str(), X_OK) == 0) return place.string();
  }
  return fail(ErrorCode::kUnavailable,
              fmt::format("{} is missing or not executable; install hailo-device-manager again",
                          places.back().string()));
}

Result<ChildResult> HailortProbe::run(std::vector<std::string> words, Millis limit) const {
  auto found = program();
  if (!found) return fail(found.error());
  words.insert(words.begin(), std::move(*found));
  if (!adapter_dir_.empty()) words.insert(words.end(), {"--adapter-dir", adapter_dir_});
  return run_child(words, limit);
}

Result<json::object> HailortProbe::ask(std::vector<std::string> words, Millis limit) const {
  auto child = run(std::move(words), limit);
  if (!child) return fail(child.error());
  return answer_of(*child);
}

Result<json::object> answer_of(const ChildResult& child) {
  auto object = object_of(last_line(child.output));
  if (!object || reading_in(*object) != nullptr) return fail(unreadable(child));
  const auto* reason = object->size() == 1 ? npu::json::Fields(*object).object("error") : nullptr;
  if (reason != nullptr) return fail(reported(*reason));
  return std::move(*object);
}

json::object readings_of(const ChildResult& child) {
  json::object out;
  std::istringstream lines(child.output);
  for (std::string line; std::getline(lines, line);) {
    const auto object = object_of(line);
    const auto* reading = object ? reading_in(*object) : nullptr;
    if (reading == nullptr) continue;
    for (const auto& [name, value] : *reading) out.insert_or_assign(name, value);
  }
  return out;
}

}  // namespace npu::cli
