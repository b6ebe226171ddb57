// The smallest program that uses the device manager.
#include <iostream>

#include <npu/blocking_client.hpp>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  npu::ClientOptions options;
  options.socket_path = argv[1];
  options.name = "consumer";
  npu::BlockingDeviceClient client(options);
  const auto reply = client.ping();
  if (!reply) {
    std::cerr << reply.error().message << "\n";
    return 1;
  }
  std::cout << reply->json.at("status").as_string() << "\n";
  return 0;
}
