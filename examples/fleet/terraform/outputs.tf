output "application_url" {
  value = "http://${aws_lb.application.dns_name}/"
}

output "network_url" {
  value = "http://${aws_lb.network.dns_name}/"
}

output "classic_url" {
  value = one([for elb in aws_elb.classic : "http://${elb.dns_name}/"])
}
