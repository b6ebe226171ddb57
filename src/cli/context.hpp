// What every subcommand has: the global options, the client, and one way to report a failure.
#pragma once

#include <functional>
#include <string>

#include <boost/json.hpp>

#include <npu/blocking_client.hpp>
#include <npu/result.hpp>

namespace npu::cli {

// The exit codes of every subcommand but doctor. Documented in docs/man/hailoctl.1.
inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;       // the manager or a file refused
inline constexpr int kUsage = 2;        // the command line is wrong
inline constexpr int kUnreachable = 3;  // no manager, or no permission to talk to it
inline constexpr int kTimeout = 4;

struct Context {
  std::string socket;    // "": the environment's, else the default
  double timeout = 120;  // seconds
  bool json = false;
  int exit_code = kOk;

  ClientOptions client_options() const;
  std::string socket_path() const { return socket_path_of(client_options()); }

  // Runs the command with a client that has connected, and returns the exit code.
  int with_client(const std::function<int(BlockingDeviceClient&)>& command) const;
  // Prints the error of a request or a file, with what to do about it, and returns the exit code
  // that it means.
  int report(const Error& error) const;
  int report(const Error& error, const std::string& advice) const;  // other than the usual
};

// One line of JSON to standard output.
void print_json(const boost::json::value& value);

// How to get into the group of the manager's socket.
std::string join_group_advice(const std::string& group);
// What to do about an error; "" where there is nothing to add. Of a client that does not connect to
// this socket, and of the manager's reply.
std::string connect_advice(ErrorCode code, const std::string& socket_path);
std::string reply_advice(ErrorCode code);

}  // namespace npu::cli
