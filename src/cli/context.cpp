#include "cli/context.hpp"

#include <cstdio>

#include <sys/stat.h>

#include <fmt/format.h>

#include "base/account_name.hpp"
#include "base/error_table.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

std::string group_of(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return "hailo";
  return npu::group_name(info.st_gid);
}

int print_error(bool json, const Error& error, const std::string& advice) {
  if (json) {
    json::object object{{"error", error.message}, {"code", wire_name(error.code)}};
    if (!advice.empty()) object["advice"] = advice;
    print_json(object);
  } else {
    fmt::print(stderr, "hailoctl: {}\n", error.message);
    if (!advice.empty()) fmt::print(stderr, "{}\n", advice);
  }
  return error.code == ErrorCode::kDeadlineExceeded ? kTimeout : kFailed;
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

std::string connect_advice(ErrorCode code, const std::string& socket_path) {
  switch (code) {
    case ErrorCode::kUnavailable:
      return "Start it:  hailo-device-manager   (as a service: sudo systemctl start "
             "hailo-device-manager; its log: journalctl -u hailo-device-manager -e)";
    case ErrorCode::kPermission: return join_group_advice(group_of(socket_path));
    default: return reply_advice(code);
  }
}

std::string reply_advice(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeviceLost:
    case ErrorCode::kVersionMismatch:
      return "See what the manager says of its device:  hailoctl status; what is wrong with it:  "
             "hailoctl doctor";
    case ErrorCode::kPermission:
      return "The manager opens models in its directories only (models.dirs in "
             "/etc/hailo/manager.yaml), and its user must be able to read them:  hailoctl doctor";
    case ErrorCode::kOverloaded:
    case ErrorCode::kQuotaExceeded:
    case ErrorCode::kBusy: return "Try again later; see who is busy:  hailoctl top";
    case ErrorCode::kDeadlineExceeded: return "Allow more time:  hailoctl --timeout SECONDS ...";
    case ErrorCode::kDoesNotFit:
      return "See what is loaded:  hailoctl models; make room:  hailoctl unload MODEL --type TYPE";
    default: return {};
  }
}

int Context::with_client(const std::function<int(BlockingDeviceClient&)>& command) const {
  BlockingDeviceClient client(client_options());
  const auto server = client.connect();
  if (server) return command(client);
  const ErrorCode why = server.error().code;
  const int code = print_error(json, server.error(), connect_advice(why, socket_path()));
  const bool absent = why == ErrorCode::kUnavailable || why == ErrorCode::kPermission;
  return absent ? kUnreachable : code;
}

int Context::report(const Error& error) const { return report(error, reply_advice(error.code)); }

int Context::report(const Error& error, const std::string& advice) const {
  return print_error(json, error, advice);
}

void print_json(const json::value& value) {
  const std::string text = json::serialize(value);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
}

}  // namespace npu::cli
