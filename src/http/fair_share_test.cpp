#include "http/fair_share.hpp"

#include <gtest/gtest.h>

namespace npu::http {
namespace {

using boost::asio::ip::make_address;

ClientKey key(const char* address) { return client_key(make_address(address)); }

TEST(ClientKey, Is_an_ipv4_address_or_the_network_of_an_ipv6_one) {
  EXPECT_EQ(key("10.0.0.1"), key("::ffff:10.0.0.1"));
  EXPECT_NE(key("10.0.0.1"), key("10.0.0.2"));
  EXPECT_EQ(key("2001:db8:0:1::1"), key("2001:db8:0:1:ffff:2:3:4"));
  EXPECT_NE(key("2001:db8:0:1::1"), key("2001:db8:0:2::1"));
}

TEST(ClientKey, All_loopback_addresses_are_one) {
  EXPECT_EQ(key("127.0.0.1"), key("127.9.9.9"));
  EXPECT_EQ(key("127.0.0.1"), key("::1"));
  EXPECT_EQ(key("127.0.0.1"), key("::ffff:127.0.0.1"));
}

TEST(FairShare, One_who_takes_all_he_can_leaves_a_part_for_the_next) {
  FairShare places(100);
  FairShare::Part greedy(places, key("10.0.0.1"));
  FairShare::Part other(places, key("10.0.0.2"));
  EXPECT_TRUE(greedy.grow_to(50));
  EXPECT_FALSE(greedy.grow_to(51));
  EXPECT_EQ(greedy.amount(), 50U);
  EXPECT_TRUE(other.grow_to(25));
  EXPECT_FALSE(other.grow_to(26));
  EXPECT_FALSE(greedy.grow_to(51));
  greedy.drop();
  EXPECT_TRUE(other.grow_to(50));
  EXPECT_EQ(places.used(), 50U);
}

TEST(FairShare, The_connections_of_an_address_have_one_share_together) {
  FairShare places(4);
  FairShare::Part one(places, key("10.0.0.1"));
  FairShare::Part two(places, key("10.0.0.1"));
  FairShare::Part three(places, key("10.0.0.1"));
  EXPECT_TRUE(one.grow_to(1));
  EXPECT_TRUE(two.grow_to(1));
  EXPECT_FALSE(three.grow_to(1));
  three.take(1);
  EXPECT_EQ(places.held_by(key("10.0.0.1")), 3U);
}

}  // namespace
}  // namespace npu::http
