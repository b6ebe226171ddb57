#include "cli/context.hpp"

#include <cstdio>

#include <grp.h>
#include <sys/stat.h>

#include <fmt/format.h>

#include "base/error_table.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

std::string group_of(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return "hailo";
  const group* entry = ::getgrgid(info.st_gid);
  return entry != nullptr ? entry->gr_name : std::to_string(info.st_gid);
}

}  // namespace

ClientOptions Context::client_options() const {
  ClientOptions options;
  options.socket_path = socket;
  options.name = "hailoctl";
  options.timeout = Millis(static_cast<std::int64_t>(timeout * 1000));
  options.connect_patience = Millis{0};
  return options;
}

std::string join_group_advice(const std::string& group) {
  if (group == "root") {
    return "The manager gives its socket to no group of users. Set  socket: {group: NAME}  in "
           "/etc/hailo/manager.yaml or start it with --socket-group NAME";
  }
  return fmt::format("Join its group, then log in again:  sudo usermod -aG {} \"$USER\"", group);
}

std::string advice_for(const Error& error, const std::string& socket_path) {
  switch (error.code) {
    case ErrorCode::kUnavailable:
      return "Start it:  hailo-device-manager   (as a service: sudo systemctl start "
             "hailo-device-manager; its log: journalctl -u hailo-device-manager -e)";
    case ErrorCode::kPermission:
      if (error.message.starts_with("Model path")) {
        return "Put the model into one of the manager's model directories (models.dirs in "
               "/etc/hailo/manager.yaml).";
      }
      return join_group_advice(group_of(socket_path));
    case ErrorCode::kOverloaded:
    case ErrorCode::kQuotaExceeded:
    case ErrorCode::kBusy: return "Try again later; see who is busy:  hailoctl top";
    case ErrorCode::kDeadlineExceeded: return "Allow more time:  hailoctl --timeout SECONDS ...";
    case ErrorCode::kDoesNotFit:
      return "See what is loaded:  hailoctl models; make room:  hailoctl unload MODEL --type TYPE";
    default: return {};
  }
}

int exit_code_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kPermission: return kUnreachable;
    case ErrorCode::kDeadlineExceeded: return kTimeout;
    default: return kFailed;
  }
}

int Context::report(const Error& error) const {
  const int code = error.message.starts_with("Model path") ? kFailed : exit_code_for(error.code);
  const std::string advice = advice_for(error, socket_path());
  if (json) {
    json::object object{{"error", error.message}, {"code", wire_name(error.code)}};
    if (!advice.empty()) object["advice"] = advice;
    print_json(object);
    return code;
  }
  fmt::print(stderr, "hailoctl: {}\n", error.message);
  if (!advice.empty()) fmt::print(stderr, "{}\n", advice);
  return code;
}

void print_json(const json::value& value) {
  const std::string text = json::serialize(value);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
}

}  // namespace npu::cli
