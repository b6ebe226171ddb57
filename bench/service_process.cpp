#include "service_process.hpp"

#include <fstream>
#include <limits>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http.hpp>

namespace npu::bench {
namespace http = boost::beast::http;
using tcp = boost::asio::ip::tcp;

namespace {

std::vector<std::string> with(std::vector<std::string> arguments,
                              const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace

ServiceProcess::ServiceProcess(const std::string& program, const std::string& device_socket,
                               const std::string& model_path, const std::vector<std::string>& more)
    : child_(program,
             with({"--port", "0", "--port-file", scratch_.path() / "port", "--device-socket",
                   device_socket, "--model-path", model_path, "--log-level", "error"},
                  more)) {
  child_.await([this] {
    std::ifstream(scratch_.path() / "port") >> port_;
    return port_ != 0;
  });
  HttpClient client(port_);
  child_.await([&client] { return client.get("/health/ready") == 200; });
}

HttpClient::HttpClient(std::uint16_t port) {
  boost::system::error_code error;
  stream_.connect({boost::asio::ip::address_v4::loopback(), port}, error);
  if (error) give_up("cannot connect to the service: " + error.message());
}

unsigned HttpClient::get(const std::string& path) {
  return exchange(http::request<http::empty_body>(http::verb::get, path, 11));
}

unsigned HttpClient::post(const std::string& path, const std::string& content_type,
                          std::string body) {
  http::request<http::string_body> request(http::verb::post, path, 11);
  request.set(http::field::content_type, content_type);
  request.body() = std::move(body);
  return exchange(std::move(request));
}

template <class Request>
unsigned HttpClient::exchange(Request request) {
  boost::system::error_code error;
  request.set(http::field::host, "127.0.0.1");
  request.prepare_payload();
  http::write(stream_, request, error);
  http::response_parser<http::string_body> parser;
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  if (!error) http::read(stream_, buffer_, parser, error);
  if (error) give_up("the service does not answer: " + error.message());
  body_ = std::move(parser.get().body());
  return parser.get().result_int();
}

}  // namespace npu::bench
