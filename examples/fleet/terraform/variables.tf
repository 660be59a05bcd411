variable "name" {
  description = "What everything is named after"
  type        = string
  default     = "shop"
}

variable "task" {
  description = "The name of the pair of groups"
  type        = string
  default     = "SHOP"
}

variable "war_bucket" {
  description = "The war bucket of the deployer's stack"
  type        = string
}

variable "war_key" {
  description = "The key of the war in that bucket"
  type        = string
  default     = "shop.war"
}

variable "war_path" {
  description = "Where instances put the war"
  type        = string
  default     = "/opt/tomcat/webapps/ROOT.war"
}

variable "war_version_id" {
  description = "The version of the war that the first instances install; later ones are those of deployments"
  type        = string
}

variable "image_id" {
  description = "The image of the instances, Amazon Linux 2023 or Debian"
  type        = string
}

variable "instance_type" {
  type    = string
  default = "t3.small"
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  description = "Two or more subnets in different zones, from which instances reach the internet"
  type        = list(string)
}

variable "allowed_cidr" {
  description = "Who may come by the load balancers"
  type        = string
  default     = "0.0.0.0/0"
}

variable "classic_load_balancer" {
  type    = bool
  default = false
}

variable "sizes" {
  description = "Of the first Active group"
  type        = object({ min = number, desired = number, max = number })
  default     = { min = 2, desired = 2, max = 4 }
}
