#include "cli/doctor/machine.hpp"
#include "json/fields.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <unistd.h>

#include "store/usual_model_dirs.hpp"

namespace npu::cli {
namespace fs = std::filesystem;
namespace json = boost::json;
namespace {

struct User {
  uid_t uid = 0;
  std::vector<gid_t> groups;
};

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ':');) fields.push_back(field);
  return fields;
}

template <class Number>
std::optional<Number> number(const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool lists(const std::string& members, const std::string& user) {
  std::istringstream in(members);
  for (std::string name; std::getline(in, name, ',');) {
    if (name == user) return true;
  }
  return false;
}

std::optional<User> find_user(const Machine& machine, const std::string& name) {
  std::optional<User> user;
  std::istringstream passwd(machine.text("/etc/passwd").value_or(""));
  for (std::string line; std::getline(passwd, line);) {
    const auto fields = fields_of(line);
    if (fields.size() < 4 || fields[0] != name) continue;
    const auto uid = number<uid_t>(fields[2]);
    const auto gid = number<gid_t>(fields[3]);
    if (uid && gid) user = User{*uid, {*gid}};
  }
  std::istringstream groups(machine.text("/etc/group").value_or(""));
  for (std::string line; user && std::getline(groups, line);) {
    const auto fields = fields_of(line);
    if (fields.size() < 4 || !lists(fields[3], name)) continue;
    if (const auto gid = number<gid_t>(fields[2])) user->groups.push_back(*gid);
  }
  return user;
}

std::vector<json::object> objects_of(const ProbeAnswer& answer, std::string_view name) {
  std::vector<json::object> out;
  const auto* list = answer ? npu::json::Fields(*answer).list(name) : nullptr;
  if (list == nullptr) return out;
  for (const auto& one : *list) {
    if (one.is_object()) out.push_back(one.get_object());
  }
  return out;
}

}  // namespace

std::vector<std::string> usual_model_dirs() { return store::usual_model_dirs(NPU_DATADIR); }

std::optional<std::string> Machine::text(std::string_view path) const {
  std::ifstream file(at(path), std::ios::binary);
  if (!file) return std::nullopt;
  std::string all{std::istreambuf_iterator<char>(file), {}};
  while (!all.empty() && (all.back() == '\n' || all.back() == ' ' || all.back() == '\0')) {
    all.pop_back();
  }
  return all;
}

std::vector<std::string> Machine::names(std::string_view directory) const {
  std::vector<std::string> out;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(at(directory), failed)) {
    out.push_back(entry.path().filename());
  }
  std::ranges::sort(out);
  return out;
}

std::vector<json::object> Machine::hardware_list(std::string_view name) const {
  return objects_of(hardware, name);
}

std::vector<json::object> Machine::devices() const { return objects_of(scan, "devices"); }

bool Machine::has_hardware() const {
  return !hardware_list("pci").empty() || !hardware_list("nodes").empty();
}

bool Machine::is_raspberry_pi() const {
  return text("/proc/device-tree/model").value_or("").starts_with("Raspberry Pi");
}

std::optional<bool> may(const Machine& machine, const std::string& user, const struct stat& info,
                        int bits) {
  const auto found = find_user(machine, user);
  if (!found) return std::nullopt;
  if (found->uid == 0) return true;
  unsigned shift = 0;
  if (found->uid == info.st_uid) {
    shift = 6;
  } else if (std::ranges::find(found->groups, info.st_gid) != found->groups.end()) {
    shift = 3;
  }
  return ((info.st_mode >> shift) & static_cast<unsigned>(bits)) == static_cast<unsigned>(bits);
}

std::string group_name(const Machine& machine, gid_t group) {
  std::istringstream groups(machine.text("/etc/group").value_or(""));
  for (std::string line; std::getline(groups, line);) {
    const auto fields = fields_of(line);
    if (fields.size() >= 3 && number<gid_t>(fields[2]) == group) return fields[0];
  }
  return std::to_string(group);
}

}  // namespace npu::cli
