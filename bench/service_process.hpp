// A real service for benchmarks, and one keep-alive connection to it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "child.hpp"

namespace npu::bench {

class ServiceProcess {
 public:
  // Returns when it is ready. more: flags.
  ServiceProcess(const std::string& program, const std::string& device_socket,
                 const std::string& model_path, const std::vector<std::string>& more = {});
  std::uint16_t port() const { return port_; }
  const Child& child() const { return child_; }

 private:
  Scratch scratch_;
  Child child_;
  std::uint16_t port_ = 0;
};

class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port);

  // The status of the answer. The benchmark ends where there is none.
  unsigned get(const std::string& path);
  unsigned post(const std::string& path, const std::string& content_type, std::string body);
  // Of the last answer.
  const std::string& body() const { return body_; }

 private:
  template <class Request>
  unsigned exchange(Request request);

  boost::asio::io_context io_;
  boost::beast::tcp_stream stream_{io_};
  boost::beast::flat_buffer buffer_;
  std::string body_;
};

}  // namespace npu::bench
